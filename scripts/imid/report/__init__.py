"""The page, the workbook, exports, provenance."""
