import '../world/over-http.js';
import '../subscriptions.test.js';
