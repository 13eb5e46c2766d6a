"""The methods of the Bot API that the sandbox models, one file a topic. Called by `server.Server` only."""
