"""The JSON remote control that automated tests use; no part of it exists at Truto or Xero."""
