"""What a cluster shows of its workloads, now and as it changes."""
