"""What is prescribed, and the orders that carry it to a box."""
