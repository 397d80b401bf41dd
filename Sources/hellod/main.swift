print("hellod")
