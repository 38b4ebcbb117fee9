"""Between the person and the team: requests for help, messages, medicines to be delivered."""
