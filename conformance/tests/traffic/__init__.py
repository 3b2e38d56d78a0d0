"""Traffic between clients and servers, observed and judged."""
