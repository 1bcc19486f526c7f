"""What a trained model is: ids, neighbours, histories, the file they live in, and how they answer a question.

Does not belong here: where models are kept (registry), how they are made (trainer), HTTP (api). NumPy and safetensors
are all it needs, so that a serving pod stays small.
"""
