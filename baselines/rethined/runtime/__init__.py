"""Run the network: backends, the ONNX graph, export."""
