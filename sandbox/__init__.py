"""A stand-in for Truto and Xero, to try and test the product without either."""
