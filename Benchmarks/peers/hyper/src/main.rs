use hyper::header::{HeaderValue, CONTENT_TYPE};
use hyper::service::{make_service_fn, service_fn};
use hyper::{Body, Request, Response, Server};
use std::{convert::Infallible, env, net::SocketAddr, time::Duration};

fn number(name: &str) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

async fn hello(_: Request<Body>, delay: Duration) -> Result<Response<Body>, Infallible> {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut response = Response::new(Body::from("{\"Hello\":\"World\"}"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let delay = Duration::from_millis(number("DELAY_MS"));
    let address = SocketAddr::from(([127, 0, 0, 1], number("PORT") as u16));
    let service = make_service_fn(move |_| async move {
        Ok::<_, Infallible>(service_fn(move |request| hello(request, delay)))
    });
    Server::bind(&address).tcp_nodelay(true).serve(service).await.unwrap();
}
