"""The box's end of the wire: sends what the outboxes hold, takes in orders, keeps the clinic's acknowledgement."""
