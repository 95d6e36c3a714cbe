"""THE KUBELET: keeps the pods of one node as declared."""
