"""Side-by-side benchmarks: Gradio, the reference server, a bare floor, and what else people use."""
