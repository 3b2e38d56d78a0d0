"""What ``gradio-protocol init`` writes into a project: a workflow, a configuration, a list."""
