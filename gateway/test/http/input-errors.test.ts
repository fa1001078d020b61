import '../world/over-http.js';
import '../input-errors.test.js';
