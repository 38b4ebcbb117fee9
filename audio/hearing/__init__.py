"""What a person hears, in dBA and in Pa²h. Pure: no clock, no device; files are read where `calibration` says so."""
