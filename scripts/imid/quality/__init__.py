"""Whether the samples can be trusted: what is measured of each, what decides, who is who."""
