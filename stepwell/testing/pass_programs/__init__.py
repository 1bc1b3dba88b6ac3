"""Programs that grow from a pass: from the ops and numbers its code names, and from the IR that documents it."""
