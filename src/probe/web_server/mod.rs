//! What the web server would do with requests, by its configuration: the models of `route` asked about
//! this install. Refuses to send any request.
