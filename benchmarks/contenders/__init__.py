"""What is measured: each contender does the same work in processes of its own."""
