"""The journey's shell: one queue, one loop; each outside thing behind a port."""
