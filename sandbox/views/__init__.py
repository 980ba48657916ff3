"""The pages people see: pretend Xero, and the connect page."""
