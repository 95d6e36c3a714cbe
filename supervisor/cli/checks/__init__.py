"""What `doctor` examines: each check looks at one thing and says what it found."""
