"""What every room may use: files written whole, problems told, tables, significance, streams."""
