"""The `hl` dialect: tensor operations as the user wrote them, one block an op and one file a family."""
