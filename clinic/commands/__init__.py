"""The commands of chevet-clinic, one file for each subject."""
