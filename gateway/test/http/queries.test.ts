import '../world/over-http.js';
import '../queries.test.js';
