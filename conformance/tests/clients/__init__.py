"""The official clients report the same from the reference server as from real Gradio."""
