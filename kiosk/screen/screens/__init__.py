"""One small file for each screen: a view in, a sheet of pieces and targets out."""
