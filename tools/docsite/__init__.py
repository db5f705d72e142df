"""The documentation site: texts of the repository, pages made of its data, and the reference of the collection."""
