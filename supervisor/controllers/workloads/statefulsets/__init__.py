"""StatefulSets: the rule, its plan, and the identity of pods and claims."""
