import '../world/over-http.js';
import '../resume.test.js';
