"""Reading what people write: tables, schemas, matrices. Knows lines and columns, no biology."""
