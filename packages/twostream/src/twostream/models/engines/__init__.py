"""What runs trained networks: PyTorch's own operators, Keras, OpenVINO, ONNX Runtime; one file each."""
