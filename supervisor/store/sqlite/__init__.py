"""SQLite behind the contract of the store."""
