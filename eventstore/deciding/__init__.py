"""What makes a decider one that can be relied on: seen where it is registered, before it decides over anything."""
