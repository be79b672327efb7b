"""The requirements as they go to suppliers: sentences, functional requirements, specification sheets, files."""
