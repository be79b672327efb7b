"""Samples on disk: Parquet parts and a manifest in a folder, each file written whole or not at all."""
