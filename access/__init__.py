"""Access: which systems are critical, whose each account is, who may use it, and what follows."""
