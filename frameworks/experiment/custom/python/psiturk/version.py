version_number = "3.3.1"
