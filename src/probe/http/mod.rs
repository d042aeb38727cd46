//! What the web server does when it is asked over HTTP. Refuses any method but GET and HEAD, and any
//! host but the one that was named.
