"""Old archives in: captured text, saved pages, WordPress exports."""
