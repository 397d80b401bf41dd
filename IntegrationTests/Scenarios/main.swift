print("integration-tests")
