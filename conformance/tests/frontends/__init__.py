"""What frontend developers use: types of an app, and a mock of it."""
