"""Acts on connections: connecting, disconnecting, reading, deciding on held lists."""
