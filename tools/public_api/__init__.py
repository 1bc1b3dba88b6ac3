"""What is generated from the decorators of public names: the table, the stubs and the reference pages."""
