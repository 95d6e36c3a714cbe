"""Claims and volumes: binding, provisioning, releasing, and their protection."""
