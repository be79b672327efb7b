"""Requirements as a specification holds them: sentences, attributes, evidence, tables and files."""
