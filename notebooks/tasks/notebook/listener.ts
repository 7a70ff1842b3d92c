/** The global name under which a runnable module of a notebook finds who listens to its run. */
export const LISTENER = "__notebookRun";
