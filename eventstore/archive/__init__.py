"""Archives of the log: both stores in sealed files of Parquet, written while the site runs, restored into a new one."""
