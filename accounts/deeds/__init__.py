"""What staff do in the admin about customers and their accounts: each deed is a command, with a reason."""
