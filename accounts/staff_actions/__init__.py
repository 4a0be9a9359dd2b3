"""What staff do in the admin about customers and their accounts: each action is a command, with a reason."""
