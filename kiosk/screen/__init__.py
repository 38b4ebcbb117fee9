"""What is seen and touched: views become pictures and targets, fingers become touches."""
